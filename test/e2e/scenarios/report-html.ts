import { expect } from 'chai';
import type { Scenario } from '../scenario.ts';

/** A run that is not whole sends a link by which its page is read without credentials, and no longer. */
export const reportHtml: Scenario = {
  name: 'report-html',
  async run(world) {
    const blocked = await world.github.addRepository('acme/blocked-page', { state: 'dmca' });
    const before = (await world.aws.notifications()).length;
    await world.fireSchedule();
    world.github.delete(blocked);
    const messages = (await world.aws.notifications()).slice(before);
    const { message } = messages.find(({ subject }) => subject?.includes('PARTIAL')) ?? { message: '' };
    const [, link = ''] = /(https?:\/\/\S+report\.html\S*)/.exec(message) ?? [];
    expect(Number(new URL(link).searchParams.get('X-Amz-Expires')), 'seconds').to.equal(12 * 3600);
    const page = await fetch(link);
    expect(page.status).to.equal(200);
    // The stand-in does not heed it; S3 answers with it, and a browser shows the page.
    expect(new URL(link).searchParams.get('response-content-type')).to.equal('text/html; charset=utf-8');
    expect(await page.text())
      .to.include('github/acme/blocked-page')
      .and.include('SourceBlocked')
      .and.include('github/acme/website');
    expect(world.aws.log(), 'a link is for the message alone').to.not.include('X-Amz-Signature');
  },
};
