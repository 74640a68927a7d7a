import { Injectable, type PipeTransform } from '@nestjs/common';

import { checkInteger, refusal } from './check.js';

const DEFAULT_LIMIT = 50;
const MOST = 500;

/** Reads the query parameter `limit`: 1 to 500, default 50. */
@Injectable()
export class LimitPipe implements PipeTransform<unknown, number> {
  transform(value: unknown): number {
    if (value === undefined) return DEFAULT_LIMIT;
    const limit = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : undefined;
    const problems = checkInteger('limit', limit, 1, MOST);
    if (problems.length > 0 || limit === undefined) throw refusal(problems);
    return limit;
  }
}
