-- For a rehearsal: two tables such as a hospital has, with visits a week from today, and what wxremind needs to read them.
-- Of your own database you need only the second half, with your tables in the views. Run as an administrator:
--   mariadb his < examples/sources/mysql.sql        (or mysql)

CREATE TABLE his_visit (
  visit_no varchar(20) PRIMARY KEY, patient_no varchar(20), patient_name varchar(50), mobile varchar(20),
  dept varchar(50), doctor varchar(50), visit_at datetime, state varchar(20), diagnosis text) CHARACTER SET utf8mb4;
CREATE TABLE wechat_binding (patient_no varchar(20), openid varchar(64), bound_at datetime) CHARACTER SET utf8mb4;
SET @today = DATE(UTC_TIMESTAMP() + INTERVAL 8 HOUR);
INSERT INTO his_visit VALUES
  ('Y0001', '00012345', '张三', '13800000001', '心血管内科', '李医生',
    TIMESTAMP(@today + INTERVAL 7 DAY, '08:30:00'), '已预约', NULL),
  ('Y0002', '00012346', '欧阳晓晓', '13800000002', '骨科', '王医生',
    TIMESTAMP(@today + INTERVAL 7 DAY, '09:00:00'), '已取消', NULL),
  ('Y0003', '00012347', '李四', '13800000003', '眼科', '赵医生',
    TIMESTAMP(@today + INTERVAL 7 DAY, '14:00:00'), '已预约', NULL),
  ('Y0004', '00012348', '王五', '13800000004', '皮肤科', '钱医生',
    TIMESTAMP(@today + INTERVAL 30 DAY, '08:30:00'), '已预约', NULL);
INSERT INTO wechat_binding VALUES ('00012345', 'oSampleOpenidOfPatient000001', @today);

-- What wxremind reads: only the columns it needs, under names that it knows.
CREATE VIEW wx_appointments AS
  SELECT visit_no AS appointment_id, patient_no AS patient_id, patient_name AS patient, mobile AS phone,
    visit_at AS start, dept AS department, doctor, state AS status
  FROM his_visit;
CREATE VIEW wx_contacts AS
  SELECT patient_no AS patient_id, openid, bound_at FROM wechat_binding;

-- A login that can read these two views and nothing else. Instead of % write the address of the machine that sends.
CREATE USER wx_reader@'%' IDENTIFIED BY 'change-me';
GRANT SELECT ON wx_appointments TO wx_reader@'%';
GRANT SELECT ON wx_contacts TO wx_reader@'%';
