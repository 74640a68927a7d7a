import { Injectable, type PipeTransform } from '@nestjs/common';

import { checkBoolean, checkInteger, checkText, isRecord, refusal } from './check.js';
import type { Order } from './order.js';

/** Reads an order out of a message; one that is none goes to the dead letter queue at once, without redelivery. */
@Injectable()
export class OrderPipe implements PipeTransform<unknown, Order> {
  transform(payload: unknown): Order {
    if (!isRecord(payload)) throw refusal(['the message is not an order: it is no JSON object']);
    const { id, item, quantity, fails } = payload;
    const problems = [
      ...checkText('id', id, 100),
      ...checkText('item', item, 200),
      ...checkInteger('quantity', quantity, 1, 1_000),
      ...checkBoolean('fails', fails),
    ];
    if (problems.length > 0) throw refusal(problems);
    return { id, item, quantity, fails } as Order;
  }
}
