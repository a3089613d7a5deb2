/** What an address is like that is certainly not meant as it is, by the key that has it; undefined for all others. */
export function doubtAbout(key: string, { hostname, pathname }: URL): string | undefined {
  if (key.startsWith('NOTIFY_SLACK')) {
    if (!/^hooks\.slack(-gov)?\.com$/.test(hostname))
      return 'is not an address of Slack, and is well only where another service takes the form of Slack';
    // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    if (pathname.startsWith('/triggers/'))
      return 'starts a workflow of Slack, which takes another form: make an incoming webhook, whose path begins with /services/';
    return /^\/services(\/[\w-]+){3}$/.test(pathname)
      ? undefined
      : 'is not whole: an incoming webhook is /services/T…/B…/…';
  }
  // https://devblogs.microsoft.com/microsoft365dev/retirement-of-office-365-connectors-within-microsoft-teams/
  if (key.startsWith('NOTIFY_TEAMS') && /(^|\.)(webhook\.)?office(365)?\.com$/.test(hostname))
    return 'is a connector of Office 365, which Microsoft has ended: make a webhook in Workflows of Teams';
  return undefined;
}
