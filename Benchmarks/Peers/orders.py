"""The order saga as a DBOS Transact workflow, on its default SQLite database: completed sagas per second.

    python orders.py FOLDER

Reads lines `CONCURRENCY ORDERS` and answers each with one JSON object. Started once: start-up is not measured.
The steps are those of sagas/order-fulfillment.json for an order of two items: charge, check for fraud, reserve twice,
ship. Each returns at once, as the participants that the engine is measured with do.
"""

import json
import platform
import sqlite3
import sys
import threading
import time
from importlib.metadata import version

from dbos import DBOS


@DBOS.step()
def charge_payment(order_id: str, customer_id: str, amount_cents: int) -> dict:
    return {"orderId": order_id, "paymentId": f"pay-{order_id}"}


@DBOS.step()
def check_fraud(order_id: str, customer_id: str, amount_cents: int) -> dict:
    return {"orderId": order_id}


@DBOS.step()
def reserve_stock(order_id: str, sku: str, quantity: int) -> dict:
    return {"orderId": order_id, "sku": sku}


@DBOS.step()
def create_shipment(order_id: str, customer_id: str, items: list) -> dict:
    return {"orderId": order_id, "trackingNumber": f"track-{order_id}"}


@DBOS.workflow()
def fulfil_order(order: dict) -> dict:
    key, customer, total = order["orderId"], order["customerId"], order["totalCents"]
    charge_payment(key, customer, total)
    check_fraud(key, customer, total)
    for item in order["items"]:
        reserve_stock(key, item["sku"], item["quantity"])
    shipment = create_shipment(key, customer, order["items"])
    return {"orderId": key, "totalCents": total, "trackingNumber": shipment["trackingNumber"]}


def order(number: int) -> dict:
    return {
        "orderId": f"o{number}",
        "customerId": f"c{number % 997}",
        "totalCents": 1000 + number % 100_000,
        "items": [{"sku": "apple", "quantity": 2}, {"sku": "pear", "quantity": 1}],
    }


def run(concurrency: int, orders: int, first: int) -> float:
    """Seconds that so many callers take for so many orders, each waiting for its order's end."""
    failures: list[BaseException] = []

    def caller(index: int) -> None:
        try:
            for number in range(first + index, first + orders, concurrency):
                result = fulfil_order(order(number))
                assert result["trackingNumber"] == f"track-o{number}"
        except BaseException as failure:  # told by the main thread
            failures.append(failure)

    callers = [threading.Thread(target=caller, args=(index,)) for index in range(concurrency)]
    start = time.perf_counter()
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - start


def settings(path: str) -> dict:
    """What DBOS' own connections have: it sets neither, so the library's defaults hold."""
    connection = sqlite3.connect(path)
    try:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        level = connection.execute("PRAGMA synchronous").fetchone()[0]
    finally:
        connection.close()
    names = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}
    return {
        "version": version("dbos"),
        "python": platform.python_version(),
        "journalMode": mode,
        "synchronous": names[level],
    }


def main() -> None:
    path = f"{sys.argv[1]}/dbos.sqlite"
    DBOS(
        config={
            "name": "orders",
            "system_database_url": f"sqlite:///{path}",
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )
    DBOS.launch()
    first = 0
    print(json.dumps(settings(path)), flush=True)
    for line in sys.stdin:
        concurrency, orders = (int(word) for word in line.split())
        seconds = run(concurrency, orders, first)
        first += orders
        completed = sqlite3.connect(path).execute(
            "SELECT count(*) FROM workflow_status WHERE status = 'SUCCESS'").fetchone()[0]
        steps = sqlite3.connect(path).execute("SELECT count(*) FROM operation_outputs").fetchone()[0]
        if completed != first or steps != 5 * first:
            raise SystemExit(f"{first} orders were placed, {completed} ended, with {steps} steps")
        print(json.dumps({"sagasPerSecond": orders / seconds}), flush=True)


if __name__ == "__main__":
    main()
