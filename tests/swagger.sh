# shellcheck shell=bash
# Holds the connector's definition against the Swagger 2.0 specification; sourced by tests/run.sh.
#
# `validate_definition` runs swagger-spec-validator, of a fixed version from PyPI, in a virtual environment below target/.
# As root on Debian or Ubuntu it installs Python where that is missing. Where neither can be had it says that this was
# left out. Fails when the definition is not valid.

swagger_validator='swagger-spec-validator==3.0.4'
swagger_definition=examples/power-platform/apiDefinition.swagger.json

swagger_say() { printf 'tests/swagger.sh: %s\n' "$*" >&2; }

# Whether Python is there with what makes a virtual environment.
has_python() { python3 -c 'import ensurepip, venv' >/dev/null 2>&1; }

install_python() {
  has_python && return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
  swagger_say 'installing python3-venv'
  apt-get update -q >/dev/null &&
    DEBIAN_FRONTEND=noninteractive apt-get install -q --yes --no-install-recommends python3 python3-venv >/dev/null &&
    has_python
}

validate_definition() {
  local folder=target/swagger
  if ! "$folder/bin/python" -c 'import swagger_spec_validator' >/dev/null 2>&1; then
    rm -rf "$folder"
    if ! install_python || ! python3 -m venv "$folder" || ! "$folder/bin/pip" install -q --disable-pip-version-check "$swagger_validator"; then
      rm -rf "$folder"
      swagger_say "left out: $swagger_definition is not validated, for $swagger_validator cannot be had here"
      return 0
    fi
  fi
  "$folder/bin/python" - "$swagger_definition" <<'PYTHON' || return 1
import json
import sys

from swagger_spec_validator.common import SwaggerValidationError
from swagger_spec_validator.validator20 import validate_spec

with open(sys.argv[1], encoding="utf-8") as file:
    definition = json.load(file)
try:
    validate_spec(definition)
except SwaggerValidationError as error:
    sys.exit(f"{sys.argv[1]} is not valid Swagger 2.0: {error}")
PYTHON
  swagger_say "$swagger_definition is valid Swagger 2.0"
}
