import { expect } from 'chai';
import type { Scenario } from '../scenario.ts';

export const planIsEmpty: Scenario = {
  name: 'plan-is-empty',
  async run(world) {
    const { code, output } = await world.terraform('plan', '-detailed-exitcode', '-input=false', '-no-color');
    expect(code, output).to.equal(0);
  },
};

export const destroyKeepsVault: Scenario = {
  name: 'destroy-keeps-vault',
  async run(world) {
    const { code, output } = await world.terraform('destroy', '-auto-approve', '-input=false', '-no-color');
    expect(code).to.not.equal(0);
    expect(output).to.include('prevent_destroy').and.to.include('module.vault');
    const verified = await world.holdfast('verify');
    expect(verified.code, verified.stderr).to.equal(0);
  },
};
