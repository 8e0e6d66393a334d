#!/usr/bin/env python3
"""Measures the link between two ranks, for step_time.py: hosts.sh 100mbit 0ms 1 python3 link.py [ADDRESS_OF_RANK_0].

Prints the latency of a small message one way, and the bytes a second of both directions at once.
"""

import os
import socket
import sys
import threading
import time

address = (sys.argv[1] if len(sys.argv) > 1 else "10.77.0.1", 17077)
size = 4 << 20
if os.environ["OMPI_COMM_WORLD_RANK"] == "0":
    with socket.create_server(address) as server:
        link, _ = server.accept()
else:
    for _ in range(100):
        try:
            link = socket.create_connection(address)
            break
        except OSError:
            time.sleep(0.05)
link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def receive(count):
    while count > 0:
        count -= len(link.recv(min(count, 1 << 20)))


first = os.environ["OMPI_COMM_WORLD_RANK"] == "0"
start = time.perf_counter()
for _ in range(100):
    if first:
        link.sendall(b"x")
        receive(1)
    else:
        receive(1)
        link.sendall(b"x")
latency = (time.perf_counter() - start) / 200
start = time.perf_counter()
sender = threading.Thread(target=link.sendall, args=(bytes(size),))
sender.start()
receive(size)
sender.join()
seconds = time.perf_counter() - start
if first:
    print(f"latency {1e6 * latency:.0f} us, {size / seconds / 1e6:.2f} MB/s each way")
