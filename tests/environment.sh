# Sourced by the scripts that run Python code, after `step.sh`, in the root of the repository.

# A new virtual environment with corsac and the requirements of a file, which goes away when the script ends.
environment() {
    local requirements=$1 folder
    folder=$(mktemp -d)
    # Expanded now: `folder` is gone when the trap runs.
    # shellcheck disable=SC2064
    trap "rm -rf '$folder'" EXIT
    python3 -m venv "$folder"
    PATH="$folder/bin:$PATH"
    unset VIRTUAL_ENV PYTHONPATH PYTHONHOME
    export PIP_DISABLE_PIP_VERSION_CHECK=1
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
    step "pip install ./python" pip install --quiet --config-settings build-args="--profile ci" ./python
    step "pip install --requirement $requirements" pip install --quiet --requirement "$requirements"
}
