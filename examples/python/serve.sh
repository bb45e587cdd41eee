#!/usr/bin/env bash
# Starts one of the examples with the installed packages: the servers' commands, as one would write them.
#
# usage: serve.sh NAME      (PORT: 8000 if it is not set)
set -euo pipefail
cd "$(dirname "$0")"
address=127.0.0.1:${PORT:-8000}

case ${1:-} in
fastapi)
    cd fastapi
    exec fastapi run notes.py --host "${address%:*}" --port "${address#*:}"
    ;;
django)
    cd django
    python manage.py check
    exec python -m gunicorn orders.wsgi --bind "$address"
    ;;
flask)
    cd flask
    exec python -m gunicorn catalogue:app --bind "$address"
    ;;
uvicorn)
    cd workers
    exec python -m uvicorn asgi_app:app --workers 2 --host "${address%:*}" --port "${address#*:}"
    ;;
gunicorn)
    cd workers
    exec python -m gunicorn wsgi_app:app --workers 2 --preload --bind "$address"
    ;;
gunicorn-asgi)
    cd workers
    exec python -m gunicorn asgi_app:app --worker-class asgi --workers 2 --preload --bind "$address"
    ;;
*)
    echo "serve.sh: there is no example \`${1:-}\`: fastapi, django, flask, uvicorn, gunicorn, gunicorn-asgi" >&2
    exit 2
    ;;
esac
