"""Judging lets other threads run, and several threads may judge at once."""

import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import city
import gongdao
import pyarrow as pa
from gongdao._gongdao import Session
from test_city import plain


class Threads(unittest.TestCase):
    def test_others_run_while_a_batch_is_judged(self):
        (batch,) = pa.concat_tables([city.joined()] * 3).combine_chunks().to_batches()
        session = Session(city.pack()._native, None, False, False, False)
        begun = threading.Event()

        def judge() -> None:
            begun.set()
            session.judge(batch)

        thread = threading.Thread(target=judge)
        thread.start()
        begun.wait()
        turns = 0
        while thread.is_alive():
            time.sleep(0.001)
            turns += 1
        # With the interpreter held there would be one or two.
        self.assertGreater(turns, 20)

    def test_several_judge_at_once(self):
        pieces = [city.decisions().slice(begin, 5_000) for begin in range(0, len(city.decisions()), 5_000)]
        pack, state = city.pack(), city.state()
        with ThreadPoolExecutor(4) as pool:
            judged = list(pool.map(lambda piece: gongdao.verdicts(piece, pack, state, output="long"), pieces))
        whole = gongdao.verdicts(city.decisions(), pack, state, output="long")
        self.assertEqual(plain(pa.concat_tables([plain(piece) for piece in judged])).to_pylist(), plain(whole).to_pylist())


if __name__ == "__main__":
    unittest.main()
