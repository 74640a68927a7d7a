"""What stomp.py's documentation shows, against the broker at 127.0.0.1: a line of output for each thing that came back."""
import sys
import threading

import stomp

hosts = [("127.0.0.1", int(sys.argv[1]))]
version = sys.argv[2]
queue = f"/queue/python.{version}"


class Listener(stomp.ConnectionListener):
    def __init__(self):
        self.messages = []
        self.errors = []
        self.changed = threading.Condition()

    def on_error(self, frame):
        with self.changed:
            self.errors.append(frame)
            self.changed.notify()

    def on_message(self, frame):
        with self.changed:
            self.messages.append(frame)
            self.changed.notify()

    def take(self, frames):
        with self.changed:
            if not self.changed.wait_for(lambda: frames, timeout=20):
                sys.exit("nothing came within 20 s")
            return frames.pop(0)

    def message(self):
        return self.take(self.messages)


class Receipts(stomp.ConnectionListener):
    """Waits for RECEIPTs by name, as stomp.py's WaitingListener does for one."""

    def __init__(self):
        self.seen = set()
        self.changed = threading.Condition()

    def on_receipt(self, frame):
        with self.changed:
            self.seen.add(frame.headers["receipt-id"])
            self.changed.notify()

    def wait(self, receipt):
        with self.changed:
            if not self.changed.wait_for(lambda: receipt in self.seen, timeout=20):
                sys.exit(f"no receipt {receipt} within 20 s")


Connection = {"1.0": stomp.Connection10, "1.1": stomp.Connection11, "1.2": stomp.Connection12}[version]
beats = {} if version == "1.0" else {"heartbeats": (4000, 4000)}
conn = Connection(hosts, **beats)
listener, receipts = Listener(), Receipts()
conn.set_listener("", listener)
conn.set_listener("receipts", receipts)
conn.connect("admin", "password", wait=True)
print("connected", conn.is_connected())


def ack_arguments(message):
    if version == "1.2":
        return [message.headers["ack"]]
    return [message.headers["message-id"]] + ([1] if version == "1.1" else [])


# Subscribe, send, receive; acknowledge one by one.
conn.subscribe(destination=queue, id=1, ack="client-individual", receipt="subscribed")
receipts.wait("subscribed")
conn.send(queue, "first", headers={"n": "1"}, persistent="true")
conn.send(body="größe: 2", destination=queue, content_type="text/plain", headers={"kind": "poison"}, persistent="true", receipt="sent")
receipts.wait("sent")
first, second = listener.message(), listener.message()
print("message", first.body, first.headers["n"])
print("message", second.body, second.headers["content-type"])
conn.ack(*ack_arguments(first), receipt="acked")
receipts.wait("acked")

# Reject what cannot be handled: to the dead letter queue.
if version == "1.0":
    conn.ack(*ack_arguments(second))
else:
    conn.nack(*ack_arguments(second), receipt="nacked")
    receipts.wait("nacked")
    conn.subscribe(destination="/queue/ActiveMQ.DLQ", id=2, ack="auto", headers={"selector": "kind = 'poison'"})
    dead = listener.message()
    print("dead letter", dead.body, dead.headers["original-destination"])
    conn.unsubscribe(id=2)

# A transaction that is given up, and one that counts.
transaction = conn.begin()
conn.send(queue, "aborted", transaction=transaction)
conn.abort(transaction)
transaction = conn.begin()
conn.send(queue, "committed", transaction=transaction)
conn.send(queue, "committed, too", transaction=transaction)
conn.commit(transaction)
for _ in range(2):
    message = listener.message()
    print("message", message.body)
    conn.ack(*ack_arguments(message))

# A mistake is answered, and the connection goes on.
conn.commit("nobody-began-it")
print("error", listener.take(listener.errors).headers["message"])
conn.send(queue, "after the error")
message = listener.message()
print("message", message.body)
conn.ack(*ack_arguments(message), receipt="last")
receipts.wait("last")

conn.disconnect(receipt="bye")
receipts.wait("bye")
print("disconnected", conn.is_connected())
