"""A sign-up and an order, by confluent-kafka (pip install confluent-kafka):

    python3 producer.py localhost:9092 u-1 o-1

TOPIC_PREFIX is for clusters that several environments share.
"""

import json
import os
import sys
import uuid

from confluent_kafka import Producer

brokers, user_id, order_id = sys.argv[1:4]
prefix = os.environ.get("TOPIC_PREFIX", "")

producer = Producer(
    {
        "bootstrap.servers": brokers,
        # What the client itself repeats is there once, and in order. Includes acks=all.
        "enable.idempotence": True,
        # librdkafka's own default puts a key on another partition than Java, Go and Sagaline do.
        "partitioner": "murmur2_random",
    }
)

failed = []


def delivered(error, message):
    """Called from flush(): without it nobody would ever hear of a failure."""
    if error:
        failed.append(f"{message.topic()}: {error}")
    else:
        print(f"{message.topic().removeprefix(prefix)}: offset {message.offset()}")


def send(event_type, key, payload, headers=None):
    value = json.dumps(payload, ensure_ascii=False).encode()
    producer.produce(prefix + event_type, key=key, value=value, headers=headers or {}, on_delivery=delivered)


user = {"userId": user_id, "email": f"{user_id}@customer.example", "name": "Ada"}

# Amounts are integers in minor units: 1999 is EUR 19.99.
order = {
    "orderId": order_id,
    "customerId": user_id,
    "amount": 1999,
    "currency": "EUR",
    "items": [{"sku": "book", "quantity": 1, "unitPrice": 1999}],
    "contact": {"email": user["email"]},
    "paymentMethod": {"token": "tok_ok"},
}

# Plain JSON, keyed by the business key: enough for what happens once to its subject. It is known by its key.
send("user.created", user_id, user)

# A CloudEvent has an id of its own. Keep it with the business row: whoever sends again sends the same one.
send(
    "order.created",
    order_id,
    order,
    {
        "ce_specversion": "1.0",
        "ce_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"/shop/checkout/{order_id}")),
        "ce_type": "order.created",
        "ce_source": "/shop/checkout",
        "content-type": "application/json",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    },
)

left = producer.flush(30)
if left or failed:
    sys.exit("not delivered: " + ("; ".join(failed) or f"{left} record(s) after 30 s"))
