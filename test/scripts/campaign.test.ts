import { expect } from 'chai';
import { holdCampaign } from '../../scripts/campaign/hold-campaign.ts';
import { useTemporaryFolders } from '../support/repositories.ts';

describe('a short campaign of faults', () => {
  const folder = useTemporaryFolders();

  it('leaves no snapshot that lies, and nothing behind', async () => {
    const counts = await holdCampaign({ folder: await folder(), seed: 1, mostLives: 15, livesPerStorm: 15 });
    expect(counts.failures).to.deep.equal([]);
    expect(counts.trials).to.be.above(150);
    expect(counts.faults).to.be.above(150);
    expect(counts.kills).to.be.above(0);
    expect(counts.restored).to.be.above(10);
    expect(counts.changesOnly).to.be.above(0);
  });
});
