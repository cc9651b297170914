"""Spark in local-cluster mode: two executors in processes of their own, with nothing in common but this package."""

import os
import pickle
import shutil
import subprocess
import unittest
import warnings

import city
import gongdao
import gongdao.spark
import pyarrow as pa
import pyarrow.compute as pc
import test_docs
from test_city import Compared


def has_java() -> bool:
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    return shutil.which(java) is not None and subprocess.run([java, "-version"], capture_output=True).returncode == 0


@unittest.skipUnless(has_java(), "Spark needs a Java runtime of version 17 or later")
class Spark(Compared):
    @classmethod
    def setUpClass(cls):
        from pyspark.sql import SparkSession

        warnings.simplefilter("ignore", ResourceWarning)
        # Spark says that it does not know pandas 3 yet; nothing here goes through its pandas.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        cls.spark = (
            SparkSession.builder.master("local-cluster[2,1,1024]")
            .appName("gongdao")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executor.memory", "1g")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.session.timeZone", "Asia/Shanghai")
            .config("spark.sql.execution.arrow.pyspark.enabled", "true")
            .getOrCreate()
        )
        cls.spark.sparkContext.setLogLevel("ERROR")

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()

    def collected(self, frame) -> pa.Table:
        """The verdicts in the order of the others: by decision, then by version."""
        table = frame.toArrow()
        order = {key: number for number, key in enumerate(city.pack().rules["key"].to_pylist())}
        reading = pc.if_else(pc.is_null(table["reading"]), "", pc.binary_join_element_wise("?", table["reading"], ""))
        keys = pc.binary_join_element_wise(table["rule"], table["in_force_from"].cast(pa.string()), "@")
        keys = pc.binary_join_element_wise(keys, pc.fill_null(reading, ""), "")
        table = table.append_column("order", pa.array([order[key] for key in keys.to_pylist()]))
        return table.sort_by([("decision_id", "ascending"), ("order", "ascending")]).drop_columns("order")

    def test_facts_that_are_joined_already(self):
        frame = self.spark.createDataFrame(city.joined()).repartition(5)
        self.check(self.collected(gongdao.spark.verdicts(frame, city.pack())))

    def test_state_by_cogroup(self):
        decisions = self.spark.createDataFrame(city.decisions()).repartition(3)
        events = self.spark.createDataFrame(city.person_events()).repartition(3)
        judged = gongdao.spark.verdicts_with_state(
            decisions,
            events,
            city.pack(),
            initial=city.initial(),
            algorithm_events=city.algorithm_events(),
            groups=16,
        )
        self.check(self.collected(judged))

    def test_wide_has_the_columns_of_the_schema(self):
        frame = self.spark.createDataFrame(city.joined().slice(0, 50))
        judged = gongdao.spark.verdicts(frame, city.pack(), output="wide")
        self.assertEqual(judged.schema, gongdao.spark.schema(city.pack(), output="wide"))
        wide = judged.toArrow().sort_by("decision_id").to_pylist()
        local = gongdao.verdicts(city.joined().slice(0, 50), city.pack()).to_pylist()
        self.assertEqual([{name: row[name] for name in local[0]} for row in wide], local)

    def test_an_event_of_nobody_is_everybodys(self):
        decisions = self.spark.createDataFrame(city.decisions().slice(0, 400))
        nobody = pa.table({name: ["2025-01-01T00:00:00Z" if name == "at" else None] for name in ("key", "at")})
        nobody = nobody.append_column("seq", pa.array([1], pa.int64()))
        for name, value in (("fact", "consents"), ("op", "add"), ("value", "marketing")):
            nobody = nobody.append_column(name, pa.array([value]))
        events = pa.concat_tables([city.person_events(), nobody], promote_options="permissive")
        judged = gongdao.spark.verdicts_with_state(
            decisions,
            self.spark.createDataFrame(events),
            city.pack(),
            initial=city.initial(),
            algorithm_events=city.algorithm_events(),
            groups=8,
        )
        with self.assertWarns(UserWarning):
            state = gongdao.State(city.pack(), events, city.algorithm_events(), initial=city.initial())
        local = gongdao.verdicts(city.decisions().slice(0, 400), city.pack(), state, output="long")
        self.assertEqual(city.findings(judged.toArrow()), city.findings(local))
        causes = set(local["cause"].to_pylist())
        self.assertIn("resource.consents", causes)

    def test_what_the_columns_show_is_told_before_any_task(self):
        frame = self.spark.createDataFrame(city.joined().slice(0, 10))
        from pyspark.sql import functions as F

        cases = [
            (frame.drop("action"), "data: there is no column `action`"),
            (frame.drop("decision_id"), "data: column `decision_id` is missing"),
            (frame.withColumn("shoeSize", F.lit(41)), "data: column `shoeSize` is no fact of the vocabulary"),
            (frame.withColumn("context.priceFen", F.lit(1.5)), "data: column `context.priceFen` is `Float64`, not whole numbers"),
            (frame.withColumn("at", F.col("at").cast("timestamp_ntz")), "data: column `at` holds timestamps without a time zone"),
        ]
        for wrong, message in cases:
            with self.assertRaises(gongdao.GongdaoError) as raised:
                gongdao.spark.verdicts(wrong, city.pack())
            self.assertTrue(str(raised.exception).startswith(message), str(raised.exception))
        decisions = self.spark.createDataFrame(city.decisions().slice(0, 10))
        events = self.spark.createDataFrame(city.person_events().slice(0, 10))
        for wrong, message in [
            (events.drop("seq"), "events of resource: there is no column `seq`"),
            (events.withColumn("fact", F.lit("shoeSize")), "events of resource:1: `shoeSize` is no fact of `resource`"),
        ]:
            with self.assertRaises(gongdao.GongdaoError) as raised:
                gongdao.spark.verdicts_with_state(decisions, wrong, city.pack())
            self.assertTrue(str(raised.exception).startswith(message), str(raised.exception))

    def test_what_is_wrong_in_a_row_fails_the_task_by_name(self):
        from pyspark.errors import PythonException
        from pyspark.sql import functions as F

        frame = self.spark.createDataFrame(city.joined().slice(0, 10)).withColumn("action", F.lit("dance"))
        with self.assertRaises(PythonException) as raised:
            gongdao.spark.verdicts(frame, city.pack()).toArrow()
        self.assertIn("`dance` is not an action", str(raised.exception))

    def test_the_page_on_spark_works(self):
        names: dict = {}
        test_docs.run("python", names)
        test_docs.run("python spark", names)
        rows = names["judged"].where("outcome = 'violated'").collect()
        self.assertIn(("D1", "cn.iisarmp/17/1#stop-on-switch-off"), {(row["decision_id"], row["rule"]) for row in rows})

    def test_a_state_does_not_travel(self):
        with self.assertRaisesRegex(TypeError, "verdicts_with_state"):
            pickle.dumps(city.state())


if __name__ == "__main__":
    unittest.main()
