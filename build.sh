#!/usr/bin/env bash
# Restores PowerShell as the tool that .config/dotnet-tools.json pins, and runs build.ps1 in it.
# Usage: ./build.sh [task] [arguments]; "./build.sh list" prints the tasks.
set -euo pipefail
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# dotnet looks for the tool manifest in the current folder and above it.
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

install='Install the .NET SDK 10 or later (https://dotnet.microsoft.com/download) and put dotnet on the PATH.'
command -v dotnet >/dev/null 2>&1 || fail "dotnet was not found. $install"
sdk="$(dotnet --version 2>&1 </dev/null)" || fail "$sdk" "$install"
major="${sdk%%.*}"
[[ "$major" =~ ^[0-9]+$ ]] && ((major >= 10)) || fail "This is the .NET SDK $sdk. $install"

version="$(sed -n 's/.*"version": *"\([0-9.]*\)".*/\1/p' .config/dotnet-tools.json)"
printf 'Restoring PowerShell %s as a dotnet tool.\n' "$version"
output="$(dotnet tool restore 2>&1 </dev/null)" || fail "$output" \
  "PowerShell $version could not be restored; the message above is dotnet's." \
  "Check your package sources with 'dotnet nuget list source', then run the command again." \
  "With an installed PowerShell 7.4 or later you can run ./build.ps1 directly."

# pwsh.dll rather than 'dotnet tool run': one process, which receives signals itself.
packages="$(dotnet nuget locals global-packages --list </dev/null)"
packages="${packages#*: }"
for pwsh in "${packages%/}"/powershell/"$version"/tools/net*/any/unix/pwsh.dll; do
  [[ -f "$pwsh" ]] || fail "$pwsh is missing although PowerShell $version was restored. Delete ${pwsh%/tools/*} and run the command again."
  exec dotnet "$pwsh" -NoLogo -NoProfile -File ./build.ps1 "$@"
done
