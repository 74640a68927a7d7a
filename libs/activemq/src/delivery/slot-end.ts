/** How a message left its slot: settled, unsettled until somebody decides or its subscription ends, or waiting for its next attempt outside of it. */
export type SlotEnd = 'settled' | 'undecided' | 'waiting';
