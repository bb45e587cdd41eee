# Sourced by the scripts that run steps: `step NAME COMMAND...` names it, runs it, and says how long it took.

step() {
    local name=$1 start=$SECONDS
    shift
    echo "== $name"
    "$@"
    echo "== $name: $((SECONDS - start)) s"
}
