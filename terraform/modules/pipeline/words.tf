# What a schedule's expression says: in words, and as the hours between two runs. Both for the plain ones that most
# deployments have; null and the expression itself for others.
locals {
  expression = var.schedule.expression

  # cron(minute hour day month weekday year)
  cron    = can(regex("^cron", local.expression)) ? split(" ", regex("^cron\\((.*)\\)$", local.expression)[0]) : null
  plain   = local.cron == null ? false : can(regex("^\\d+ \\d+$", join(" ", slice(local.cron, 0, 2)))) && local.cron[3] == "*" && local.cron[5] == "*"
  days    = local.plain ? "${local.cron[2]} ${local.cron[4]}" : ""
  daily   = contains(["* ?", "? *"], local.days)
  weekly  = can(regex("^\\? ([1-7]|[A-Z]{3})$", local.days))
  monthly = can(regex("^(\\d+|L) \\?$", local.days))

  rate = can(regex("^rate", local.expression)) ? regex("^rate\\((\\d+) (minute|hour|day)s?\\)$", local.expression) : null

  interval_hours = (
    local.rate != null ? ceil(tonumber(local.rate[0]) * { minute = 1 / 60, hour = 1, day = 24 }[local.rate[1]]) :
    local.daily ? 24 : local.weekly ? 7 * 24 : local.monthly ? 31 * 24 : null
  )

  weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  weekday = !local.weekly ? "" : try(
    local.weekdays[tonumber(local.cron[4]) - 1],
    one([for day in local.weekdays : day if upper(substr(day, 0, 3)) == local.cron[4]]),
  )

  at = local.plain ? format("at %02d:%02d %s", local.cron[1], local.cron[0], var.schedule.time_zone) : ""
  when = (
    local.rate != null ? "every ${trimsuffix(trimprefix(local.expression, "rate("), ")")}" :
    local.daily ? "every day ${local.at}" :
    local.weekly ? "every ${local.weekday} ${local.at}" :
    local.monthly ? "on the ${local.cron[2] == "L" ? "last day" : "${local.cron[2]}."} of every month ${local.at}" :
    "by ${local.expression} in ${var.schedule.time_zone}"
  )

  schedule_words = (
    !var.schedule.enabled ? "never by itself: the schedule is switched off" :
    var.schedule.flexible_minutes == 0 ? local.when : "${local.when}, within ${var.schedule.flexible_minutes} minutes"
  )
}
