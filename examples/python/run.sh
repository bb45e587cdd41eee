#!/usr/bin/env bash
# Installs corsac and one of the examples into a separate virtual environment, and starts the example.
#
# usage: run.sh NAME      (PORT: 8000 if it is not set)
set -euo pipefail
folder=$(dirname "$(realpath "$0")")
root=$(realpath "$folder/../..")

case ${1:-} in
fastapi | django | flask) requirements=$folder/$1/requirements.txt ;;
uvicorn | gunicorn | gunicorn-asgi) requirements=$folder/workers/requirements.txt ;;
*) exec "$folder/serve.sh" "${1:-}" ;;
esac
environment=$root/target/examples-python/$1
[ -x "$environment/bin/pip" ] || python3 -m venv "$environment"
# Uses the workspace's own build folder, so that nothing is built twice.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target} PIP_DISABLE_PIP_VERSION_CHECK=1
"$environment/bin/pip" install --quiet "$root/python" --requirement "$requirements"
PATH="$environment/bin:$PATH" exec "$folder/serve.sh" "$1"
