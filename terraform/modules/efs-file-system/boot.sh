# Prepares an instance for its one task: packages, the program that was deployed and no other, and the service that runs
# it. Terraform puts the settings in front of this, and cloud-init runs all of it once, as root.
set -euo pipefail

: "${AWS_REGION:?}" "${HOLDFAST_EFS_TABLE:?}" "${HOLDFAST_EFS_GROUP:?}" "${HOLDFAST_EFS_LOGS:?}" "${HOLDFAST_LOG_GROUP:?}"
: "${HOLDFAST_NODE:?}" "${HOLDFAST_PROGRAM:?}" "${HOLDFAST_PROGRAM_SHA256:?}"

# Only tests have another root than the machine's.
root=${HOLDFAST_ROOT:-}
program=$root/opt/holdfast/holdfast.mjs
log=$root/var/log/holdfast-boot.log
task_log=$root/var/log/holdfast-efs.log
doing='beginning'
began=$(date --utc +%Y-%m-%dT%H:%M:%SZ)

mkdir -p "$root/etc/systemd/system" "$root/opt/holdfast" "$root/var/log"
exec >>"$log" 2>&1

# One attribute of an item of the table; fails where there is none.
attribute() {
  aws dynamodb get-item --table-name "$HOLDFAST_EFS_TABLE" --consistent-read --key "{\"BackupId\":{\"S\":\"$1\"}}" \
    --query "Item.$2" --output text | grep -vx None
}

# In the form of layers/core/filesystems/task.ts.
failure() {
  local now
  now=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
  cat <<END
{"format": 1, "id": "$1", "nonce": "$3", "action": "$2", "status": "failed",
 "problem": {"code": "StartFailed", "message": "the instance could not be prepared: $doing failed", "advice": "See boot.log beside this result."},
 "stages": [], "warnings": [], "tool": {"name": "boot", "version": "1"}, "started": "$began", "finished": "$now"}
END
}

# Stores a result as the program would have, its last object, and says that it is there.
tell() {
  local id action nonce place
  id=$(attribute "lock#$HOLDFAST_EFS_GROUP" Running.S) || return
  action=$(attribute "$id" Task.M.action.S) || return
  # Without it nothing that is said of the task is believed.
  nonce=$(attribute "$id" Task.M.nonce.S) || return
  place=s3://$HOLDFAST_EFS_LOGS/efs/results/$HOLDFAST_EFS_GROUP/$id
  aws s3 cp --only-show-errors "$log" "$place/boot.log"
  failure "$id" "$action" "$nonce" | aws s3 cp --only-show-errors - "$place/result.json" || return
  aws events put-events --query FailedEntryCount --output text --entries \
    "[{\"Source\":\"holdfast.efs\",\"DetailType\":\"EFS Task Finished\",\"Detail\":\"{\\\"id\\\":\\\"$id\\\",\\\"nonce\\\":\\\"$nonce\\\"}\"}]" | grep -qx 0
}

# Whatever ends this script before its end, the orchestrator hears of it; and if not even that can be said, the instance
# goes, of which Auto Scaling tells.
give_up() {
  trap - EXIT
  set +e
  echo "$doing failed"
  tell || shutdown -h now
  exit 1
}
trap give_up EXIT

try_thrice() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return
    echo "attempt $attempt failed: $*"
    sleep "${HOLDFAST_PAUSE:-15}"
  done
  return 1
}

if [ -n "${HOLDFAST_DNS:-}" ]; then
  doing='setting the DNS servers'
  mkdir -p "$root/etc/systemd/resolved.conf.d"
  # The root domain routes every name to these servers instead of those that DHCP named.
  printf '[Resolve]\nDNS=%s\nDomains=~.\n' "$HOLDFAST_DNS" >"$root/etc/systemd/resolved.conf.d/holdfast.conf"
  systemctl restart systemd-resolved
fi

if [ -n "${HTTPS_PROXY:-}" ]; then
  doing='setting the proxy'
  : "${NO_PROXY:?}"
  export https_proxy=$HTTPS_PROXY no_proxy=$NO_PROXY
  mkdir -p "$root/etc/dnf" "$root/etc/systemd/system/amazon-ssm-agent.service.d"
  echo "proxy=$HTTPS_PROXY" >>"$root/etc/dnf/dnf.conf"
  # https://docs.aws.amazon.com/systems-manager/latest/userguide/configure-proxy-ssm-agent.html
  printf '[Service]\nEnvironment="https_proxy=%s"\nEnvironment="no_proxy=%s"\n' "$HTTPS_PROXY" "$NO_PROXY" \
    >"$root/etc/systemd/system/amazon-ssm-agent.service.d/proxy.conf"
  systemctl daemon-reload
  systemctl restart amazon-ssm-agent
fi

doing='installing packages'
try_thrice dnf --assumeyes --quiet install amazon-cloudwatch-agent amazon-efs-utils rsync "nodejs$HOLDFAST_NODE"

doing='loading the program'
try_thrice aws s3 cp --only-show-errors "$HOLDFAST_PROGRAM" "$program"

# The role's rights are lent to the program that was deployed, and to none that was put in its place.
doing='recognising the program by its digest'
echo "$HOLDFAST_PROGRAM_SHA256  $program" | sha256sum --check --strict

doing='starting the service'
{
  cat <<END
[Unit]
Description=Holdfast: one task over EFS
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Environment="AWS_REGION=$AWS_REGION"
Environment="HOLDFAST_EFS_TABLE=$HOLDFAST_EFS_TABLE"
Environment="HOLDFAST_EFS_GROUP=$HOLDFAST_EFS_GROUP"
Environment="HOLDFAST_EFS_LOGS=$HOLDFAST_EFS_LOGS"
END
  if [ -n "${HTTPS_PROXY:-}" ]; then
    printf 'Environment="https_proxy=%s"\nEnvironment="no_proxy=%s"\n' "$HTTPS_PROXY" "$NO_PROXY"
  fi
  cat <<END
ExecStart=/usr/bin/node-$HOLDFAST_NODE $program efs-task
StandardOutput=append:$task_log
StandardError=append:$task_log
# The program ends its workers itself, and needs time to store how far it came.
KillMode=mixed
TimeoutStopSec=10min
# What was killed goes on where it was; what failed has said so.
Restart=on-abnormal
RestartSec=10
END
} >"$root/etc/systemd/system/holdfast-efs.service"
systemctl daemon-reload
systemctl start holdfast-efs
trap - EXIT

# A task goes on without its log in CloudWatch; it stores its log in the bucket by itself.
agent=$root/opt/aws/amazon-cloudwatch-agent
mkdir -p "$agent/etc"
cat >"$agent/etc/holdfast.json" <<END
{"logs": {"logs_collected": {"files": {"collect_list": [
  {"file_path": "$log", "log_group_name": "$HOLDFAST_LOG_GROUP", "log_stream_name": "$HOLDFAST_EFS_GROUP/{instance_id}/boot"},
  {"file_path": "$task_log", "log_group_name": "$HOLDFAST_LOG_GROUP", "log_stream_name": "$HOLDFAST_EFS_GROUP/{instance_id}/task"}
]}}}}
END
if [ -n "${HTTPS_PROXY:-}" ]; then
  printf '[proxy]\nhttps_proxy = "%s"\nno_proxy = "%s"\n' "$HTTPS_PROXY" "$NO_PROXY" >"$agent/etc/common-config.toml"
fi
"$agent/bin/amazon-cloudwatch-agent-ctl" -a fetch-config -m ec2 -s -c "file:$agent/etc/holdfast.json" ||
  echo 'the log does not go to CloudWatch'
