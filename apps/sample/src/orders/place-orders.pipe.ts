import { Injectable, type PipeTransform } from '@nestjs/common';

import { checkBoolean, checkInteger, checkNames, checkText, isRecord, refusal } from './check.js';

/** Body of `POST /orders`. */
export interface PlaceOrders {
  /** What is ordered, 1 to 200 characters. */
  readonly item: string;
  /** 1 to 1000; default 1. */
  readonly quantity: number;
  /** How many orders of this kind, 1 to 10 000; default 1. */
  readonly count: number;
  /** Whether handling them fails, to watch redelivery and the dead letter queue; default `false`. */
  readonly fails: boolean;
}

/** Reads the body of `POST /orders`; a bad one is a 400 that lists everything that is wrong with it. */
@Injectable()
export class PlaceOrdersPipe implements PipeTransform<unknown, PlaceOrders> {
  transform(body: unknown): PlaceOrders {
    if (!isRecord(body)) throw refusal(['the body must be a JSON object such as {"item":"tea"}, sent as application/json']);
    const { item, quantity = 1, count = 1, fails = false } = body;
    const problems = [
      ...checkNames(body, ['item', 'quantity', 'count', 'fails']),
      ...checkText('item', item, 200),
      ...checkInteger('quantity', quantity, 1, 1_000),
      ...checkInteger('count', count, 1, 10_000),
      ...checkBoolean('fails', fails),
    ];
    if (problems.length > 0) throw refusal(problems);
    return { item, quantity, count, fails } as PlaceOrders;
  }
}
