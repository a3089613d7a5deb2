import { expect } from 'chai';
import {
  addressesInEnvironment,
  parseAddresses,
  parseAddressText,
  withoutAddresses,
} from '#core/notifications/addresses.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';

const refusal = (values: Record<string, unknown>): string => {
  try {
    parseAddresses(values, 'the secret prod/notify');
  } catch (error) {
    if (error instanceof HoldfastError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('addresses of notifications', () => {
  it('are those of a source where it has its own, else those of all', () => {
    const all = parseAddresses(
      {
        NOTIFY_SLACK: 'https://hooks.slack.com/services/all',
        NOTIFY_SLACK_CODECOMMIT: 'https://hooks.slack.com/services/codecommit',
        NOTIFY_HEARTBEAT_GITHUB: 'https://ping.example/github',
      },
      'the secret',
    );
    expect(all.of('codecommit').slack?.pathname).to.equal('/services/codecommit');
    expect(all.of('github').slack?.pathname).to.equal('/services/all');
    expect(all.of('github').heartbeat?.pathname).to.equal('/github');
    expect(all.of('codecommit').heartbeat).to.equal(undefined);
    expect(all.of(undefined).onFailure).to.equal('/fail');
    expect(parseAddresses({ NOTIFY_HEARTBEAT_ON_FAILURE: 'none' }, 'x').of('github').onFailure).to.equal(undefined);
    expect(parseAddresses({ NOTIFY_HEARTBEAT_ON_FAILURE: '?state=fail' }, 'x').of('github').onFailure).to.equal(
      '?state=fail',
    );
  });

  it('must be protected on their way, unless they stay on this machine', () => {
    for (const address of [
      'https://host.example/x',
      'http://127.0.0.1:8000/x',
      'http://localhost/x',
      'http://[::1]:1/x',
    ])
      expect(parseAddresses({ NOTIFY_WEBHOOK: address }, 'x').of(undefined).webhook?.href).to.equal(address);
    for (const address of [
      'http://host.example/x',
      'http://10.0.0.1/x',
      'http://127.0.0.1.evil.example/x',
      'http://localhost.evil.example/',
      'ftp://host.example/x',
      'file:///etc/passwd',
    ])
      expect(refusal({ NOTIFY_WEBHOOK: address })).to.match(/NOTIFY_WEBHOOK: must begin with https:\/\//);
  });

  it('are refused by their keys, and repeated in no message', () => {
    const canary = 'T0CANARY1/B0CANARY2/canary3canary4canary5';
    for (const [values, said] of [
      [{ NOTIFY_SLAK: `https://hooks.slack.com/services/${canary}` }, /NOTIFY_SLAK is not a setting.*NOTIFY_SLACK/],
      [{ NOTIFY_SLACK: `hooks.slack.com/services/${canary}` }, /NOTIFY_SLACK: must be an address/],
      [{ NOTIFY_SLACK: 7 }, /NOTIFY_SLACK: must be string/],
      [{ NOTIFY_WEBHOOK: `https://user:${canary}@host.example/` }, /NOTIFY_WEBHOOK: /],
      [{ [`https://hooks.slack.com/services/${canary}`]: 'NOTIFY_SLACK' }, /a key is not a setting/],
      [{ NOTIFY_HEARTBEAT_ON_FAILURE: `https://${canary}` }, /NOTIFY_HEARTBEAT_ON_FAILURE: must be none/],
    ] as const) {
      const message = refusal(values);
      expect(message).to.match(said);
      expect(mask(message)).not.to.match(/canary/i);
    }
    expect(() => parseAddressText(`{"NOTIFY_SLACK": "https://${canary}`, 'the secret x'))
      .to.throw('the secret x is not JSON')
      .and.not.match(/canary/i);
  });

  it('are masked from then on, whole and in parts', () => {
    parseAddresses({ NOTIFY_TEAMS: 'https://prod.example/workflows/0f1e2d3c4b5a/run?sig=Zm9v-Signature-1' }, 'x');
    for (const leaked of [
      'POST https://prod.example/workflows/0f1e2d3c4b5a/run?sig=Zm9v-Signature-1',
      'no route /workflows/0f1e2d3c4b5a/run?sig=Zm9v-Signature-1',
      'workflow 0f1e2d3c4b5a is off',
      'the signature Zm9v-Signature-1 is wrong',
    ])
      expect(mask(leaked)).not.to.match(/0f1e2d3c4b5a|Signature-1/);
    expect(mask('workflows of prod.example run')).to.equal('workflows of prod.example run');
  });

  it('come from the environment, and reach no other process', () => {
    const env = { HOLDFAST_NOTIFY_HEARTBEAT: 'https://ping.example/1', HOLDFAST_VAULT: 'v', PATH: '/bin' };
    const all = addressesInEnvironment((name) => (env as Record<string, string>)[name]);
    expect(all.of('git').heartbeat?.href).to.equal('https://ping.example/1');
    expect(withoutAddresses(env)).to.deep.equal({ HOLDFAST_VAULT: 'v', PATH: '/bin' });
  });
});
