/** What stands in a {@link MessageList}: the links belong to the list. */
export interface ListNode {
  readonly priority: number;
  /** The list it stands in, `undefined` when in none. */
  list: object | undefined;
  previous: ListNode | undefined;
  next: ListNode | undefined;
}

interface Chain {
  head: ListNode | undefined;
  tail: ListNode | undefined;
}

/**
 * A linked list of messages: append and remove cost the same whatever its length.
 *
 * With `prioritized` the messages stand by priority, first in first out within one; else the order of arrival alone counts.
 */
export class MessageList<T extends ListNode> {
  readonly #chains: Chain[];
  #size = 0;

  constructor(prioritized = false) {
    this.#chains = Array.from({ length: prioritized ? 10 : 1 }, () => ({ head: undefined, tail: undefined }));
  }

  get size(): number {
    return this.#size;
  }

  /** The message to go first. */
  get first(): T | undefined {
    for (let i = this.#chains.length - 1; i >= 0; i--) {
      const head = this.#chains[i]?.head;
      if (head !== undefined) return head as T;
    }
    return undefined;
  }

  /** The message behind another one of this list. */
  after(node: T): T | undefined {
    if (node.next !== undefined) return node.next as T;
    for (let i = this.#level(node) - 1; i >= 0; i--) {
      const head = this.#chains[i]?.head;
      if (head !== undefined) return head as T;
    }
    return undefined;
  }

  append(node: T): void {
    const chain = this.#chain(node);
    node.list = this;
    node.previous = chain.tail;
    node.next = undefined;
    if (chain.tail === undefined) chain.head = node;
    else chain.tail.next = node;
    chain.tail = node;
    this.#size++;
  }

  /** Takes a message out; one that is not in this list is left alone. */
  remove(node: T): void {
    if (node.list !== this) return;
    const chain = this.#chain(node);
    if (node.previous === undefined) chain.head = node.next;
    else node.previous.next = node.next;
    if (node.next === undefined) chain.tail = node.previous;
    else node.next.previous = node.previous;
    node.list = node.previous = node.next = undefined;
    this.#size--;
  }

  #level(node: ListNode): number {
    return this.#chains.length === 1 ? 0 : node.priority;
  }

  #chain(node: ListNode): Chain {
    const chain = this.#chains[this.#level(node)];
    if (chain === undefined) throw new RangeError(`A priority is a number from 0 to 9, not ${node.priority}`);
    return chain;
  }
}
