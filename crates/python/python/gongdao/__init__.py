"""Rules about automated decisions on the tables that you have.

    >>> import gongdao
    >>> pack = gongdao.Pack.load("packs")
    >>> verdicts = gongdao.verdicts(decisions, pack, output="long")

`verdicts` judges tables of pyarrow, pandas, Polars and DuckDB; `gongdao.spark` judges Spark's. The kernel is the one that
`gongdao audit` uses, so equal decisions get equal verdicts. What nobody recorded is null, and a rule that needs it is
`undetermined` and names it; it is never taken for fine.
"""

from gongdao._errors import GongdaoError, Problem
from gongdao._pack import Pack
from gongdao._state import State
from gongdao._verdicts import verdicts

__all__ = ["GongdaoError", "Pack", "Problem", "State", "verdicts"]
