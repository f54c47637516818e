"""What type checkers see of `pgpipe`, whose module imports it when it is asked for."""

from pgpipe.api import Certificate as Certificate
from pgpipe.api import Estimator as Estimator
from pgpipe.api import Facts as Facts
from pgpipe.api import Trajectories as Trajectories
from pgpipe.api import certify as certify
from pgpipe.api import collect as collect
from pgpipe.api import estimate as estimate
from pgpipe.api import exact_gradient as exact_gradient
from pgpipe.api import initial as initial
from pgpipe.api import make_environment as make_environment
from pgpipe.api import make_estimator as make_estimator
from pgpipe.api import make_policy as make_policy
from pgpipe.own import aggregate as aggregate
from pgpipe.own import baseline as baseline
from pgpipe.own import importance as importance
from pgpipe.own import signal as signal

PUBLIC: tuple[str, ...]
MARKS: tuple[str, ...]

def home_of(name: str) -> str: ...
