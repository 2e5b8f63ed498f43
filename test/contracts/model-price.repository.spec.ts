import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OfferedModel } from '../../src/open-router/offered-model.js';
import { ModelPriceRepository } from '../../src/gateway/prices/model-price.repository.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { startApp, type TestApp } from '../support/app.ts';
import { DIALECTS } from '../support/services.ts';

const model = (id: string, prompt: string): OfferedModel => ({
  id,
  slug: `${id}-1`,
  contextLength: 1_047_576,
  maxOutputTokens: null,
  rates: [
    {
      fromPromptTokens: 0,
      isSometimes: false,
      prompt,
      completion: '0.000000000000000001',
      request: null,
      cacheRead: null,
      cacheWrite: null,
      reasoning: '0.1',
    },
  ],
});

describe.each(DIALECTS)('stored prices on %s', (dialect) => {
  let app: TestApp;
  beforeEach(async () => (app = await startApp({ dialect })));
  afterEach(() => app[Symbol.asyncDispose]());

  it('are those of the last list, digit by digit', async () => {
    const prices = app.nest.get(ModelPriceRepository, { strict: false });
    const unitOfWork = app.nest.get(UnitOfWork, { strict: false });
    const take = (models: OfferedModel[], at: string) => unitOfWork.run(() => prices.replace(models, new Date(at)));
    expect(await prices.listedAt()).toBeNull();
    const many = Array.from({ length: 250 }, (_, index) => model(`a/${String(index).padStart(3, '0')}`, '0.5'));
    await take([...many, model('b/twice', '1'), model('b/twice', '2')], '2026-06-15T12:00:00.123Z');
    expect(await prices.all()).toEqual([...many, model('b/twice', '2')]);
    await take([model('a/001', '0.0000000123456789'), model('c/new', '3')], '2026-06-15T13:00:00.000Z');
    expect(await prices.all()).toEqual([model('a/001', '0.0000000123456789'), model('c/new', '3')]);
    expect(await prices.listedAt()).toEqual(new Date('2026-06-15T13:00:00.000Z'));
  });
});
