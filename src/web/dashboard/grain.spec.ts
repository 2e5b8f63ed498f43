import { describe, expect, it } from 'vitest';
import { rangeOf } from '../parts/range.js';
import { addressOf, grainOf } from './grain.js';

const NOW = new Date('2026-06-15T12:00:00Z');
const days = (start_date: string, end_date = start_date) => ({ start_date, end_date });
const grain = (fields: Record<string, string>) => grainOf(fields, rangeOf(fields, NOW), NOW);
const address = (fields: Record<string, string>, to: 'hour' | 'day') =>
  addressOf(rangeOf(fields, NOW), 'model', to, NOW).replace('/dashboard?', '');

describe('whether bars are hours or days', () => {
  it.each([
    [{}, 'day'],
    [{ days: '7' }, 'day'],
    [{ days: '7', per: 'hour' }, 'hour'],
    [{ days: '30', per: 'hour' }, 'day'],
    [days('2026-06-09', '2026-06-15'), 'day'],
    [{ ...days('2026-06-08', '2026-06-15'), per: 'hour' }, 'day'],
    [days('2026-06-14', '2026-06-15'), 'hour'],
    [{ ...days('2026-06-15'), per: 'day' }, 'day'],
    [{ ...days('2026-06-15'), per: 'nonsense' }, 'hour'],
    [days('2026-05-15'), 'hour'],
    [days('2026-05-14'), 'day'],
    [{ ...days('2026-05-14'), per: 'hour' }, 'hour'],
  ])('of %j: %s', (fields, expected) => {
    expect(grain(fields as Record<string, string>)).toBe(expected);
  });

  it('is in the address only where it is not what is shown anyway', () => {
    expect(address({ days: '30' }, 'day')).toBe('days=30&by=model');
    expect(address({ days: '7' }, 'hour')).toBe('days=7&by=model&per=hour');
    expect(address(days('2026-06-15'), 'hour')).toBe('start_date=2026-06-15&end_date=2026-06-15&by=model');
    expect(address(days('2026-06-15'), 'day')).toBe('start_date=2026-06-15&end_date=2026-06-15&by=model&per=day');
  });

  it('leads from a range that is too long for hours to its last seven days', () => {
    expect(address({ days: '90' }, 'hour')).toBe('days=7&by=model&per=hour');
    expect(address(days('2026-05-01', '2026-06-10'), 'hour')).toBe(
      'start_date=2026-06-04&end_date=2026-06-10&by=model&per=hour',
    );
  });
});
