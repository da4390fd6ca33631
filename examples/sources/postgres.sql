-- For a rehearsal: two tables such as a hospital has, with visits a week from today, and what wxremind needs to read them.
-- Of your own database you need only the second half, with your tables in the views. Run as the database's owner:
--   psql --dbname=his --file=examples/sources/postgres.sql

CREATE TABLE his_visit (
  visit_no varchar(20) PRIMARY KEY, patient_no varchar(20), patient_name varchar(50), mobile varchar(20),
  dept varchar(50), doctor varchar(50), visit_at timestamp, state varchar(20), diagnosis text);
CREATE TABLE wechat_binding (patient_no varchar(20), openid varchar(64), bound_at timestamptz);
INSERT INTO his_visit
  SELECT v.visit_no, v.patient_no, v.patient_name, v.mobile, v.dept, v.doctor,
    (now() AT TIME ZONE 'Asia/Shanghai')::date + v.days + v.visit_time, v.state, NULL
  FROM (VALUES
    ('Y0001', '00012345', '张三', '13800000001', '心血管内科', '李医生', 7, time '08:30', '已预约'),
    ('Y0002', '00012346', '欧阳晓晓', '13800000002', '骨科', '王医生', 7, time '09:00', '已取消'),
    ('Y0003', '00012347', '李四', '13800000003', '眼科', '赵医生', 7, time '14:00', '已预约'),
    ('Y0004', '00012348', '王五', '13800000004', '皮肤科', '钱医生', 30, time '08:30', '已预约')
  ) AS v (visit_no, patient_no, patient_name, mobile, dept, doctor, days, visit_time, state);
INSERT INTO wechat_binding VALUES ('00012345', 'oSampleOpenidOfPatient000001', now());

-- What wxremind reads: only the columns it needs, under names that it knows.
CREATE VIEW wx_appointments AS
  SELECT visit_no AS appointment_id, patient_no AS patient_id, patient_name AS patient, mobile AS phone,
    visit_at AS start, dept AS department, doctor, state AS status
  FROM his_visit;
CREATE VIEW wx_contacts AS
  SELECT patient_no AS patient_id, openid, bound_at FROM wechat_binding;

-- A login that can read these two views and nothing else.
CREATE ROLE wx_reader LOGIN PASSWORD 'change-me';
ALTER ROLE wx_reader SET default_transaction_read_only = on;
GRANT USAGE ON SCHEMA public TO wx_reader;
GRANT SELECT ON wx_appointments, wx_contacts TO wx_reader;
