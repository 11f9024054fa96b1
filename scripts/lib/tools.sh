# shellcheck shell=bash
# Programs from npm and PyPI, for the scripts that source this file. What is there from an earlier run
# is taken as it is.
#
#   tools_node SOURCE TARGET         copies SOURCE to TARGET, with what its package-lock.json names
#   tools_python REQUIREMENTS TARGET makes a virtual environment with these requirements

tools_node() {
  local source=$1 target=$2
  mkdir -p "$target"
  cp -R "$source/." "$target"
  tools_install "$source/package-lock.json" "$target/installed.json" \
    npm ci --prefix "$target" --engine-strict --ignore-scripts --no-audit --no-fund
}

tools_python() {
  local requirements=$1 target=$2
  [[ -x $target/bin/python ]] || python3 -m venv "$target"
  tools_install "$requirements" "$target/installed.txt" \
    "$target/bin/python" -m pip install --quiet --requirement "$requirements"
}

# tools_install LIST COPY COMMAND …: the copy is made last, so that it stands for a whole installation
tools_install() {
  local list=$1 copy=$2 log
  shift 2
  if cmp -s "$list" "$copy"; then return 0; fi
  printf 'installing what %s names\n' "$list"
  log=$copy.log
  "$@" >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    return 1
  }
  cp "$list" "$copy"
}
