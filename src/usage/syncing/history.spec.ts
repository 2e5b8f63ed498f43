import { describe, expect, it } from 'vitest';
import { completedDaysToRead, hoursToRead } from './history.js';

describe('the completed days to read', () => {
  it('are thirty the first time', () => {
    const days = completedDaysToRead('2026-06-14', null);
    expect([days.length, days[0], days.at(-1)]).toEqual([30, '2026-05-16', '2026-06-14']);
  });

  it('are also older ones the first time, if OpenRouter tells them', () => {
    const days = completedDaysToRead('2026-06-14', null, ['2026-06-14', '2026-03-01', '2026-02-01', '2026-03-01']);
    expect([days.length, days[0], days[1], days[2]]).toEqual([32, '2026-02-01', '2026-03-01', '2026-05-16']);
    expect(completedDaysToRead('2026-06-14', '2026-06-14', ['2026-02-01'])).toHaveLength(3);
  });

  it('are the last three afterwards', () => {
    expect(completedDaysToRead('2026-06-14', '2026-06-14')).toEqual(['2026-06-12', '2026-06-13', '2026-06-14']);
  });

  it('are also those that were missed, and those that could still change before', () => {
    const days = completedDaysToRead('2026-06-14', '2026-06-10');
    expect([days[0], days.at(-1)]).toEqual(['2026-06-08', '2026-06-14']);
  });

  it('never reach further back than OpenRouter does', () => {
    expect(completedDaysToRead('2026-06-14', '2025-01-01')).toHaveLength(30);
  });
});

describe('the hours to read', () => {
  it('are those of seven days the first time', () => {
    expect(hoursToRead('2026-06-15T10', null)).toBe('2026-06-08T11');
  });

  it('are those since the last one, and a day of hours that could still change then', () => {
    expect(hoursToRead('2026-06-15T10', '2026-06-15T09')).toBe('2026-06-14T10');
    expect(hoursToRead('2026-06-15T10', '2026-06-12T00')).toBe('2026-06-11T01');
  });

  it('never reach further back than the first time', () => {
    expect(hoursToRead('2026-06-15T10', '2026-05-01T00')).toBe('2026-06-08T11');
  });
});
