"""What Shipmate asks of the systems around it: values, and the contracts that integrations fulfil.

Commands are written against these; only `bot/adapters.py` and `bot/app.py` know which integration stands behind each.
Every method of a port may raise `bot.faults.Unavailable` (try again later), `Refused` (a person must
change something) or `Failed`.
"""

from bot.ports.builds import Believed as Believed
from bot.ports.builds import Builder as Builder
from bot.ports.builds import Built as Built
from bot.ports.builds import Commit as Commit
from bot.ports.builds import HookSource as HookSource
from bot.ports.builds import Push as Push
from bot.ports.builds import Taken as Taken
from bot.ports.builds import Unbelieved as Unbelieved
from bot.ports.clusters import Cluster as Cluster
from bot.ports.logs import MOST_COUNTED as MOST_COUNTED
from bot.ports.logs import LogLine as LogLine
from bot.ports.logs import LogPage as LogPage
from bot.ports.logs import LogQuery as LogQuery
from bot.ports.logs import LogStore as LogStore
from bot.ports.logs import Measured as Measured
from bot.ports.logs import Metrics as Metrics
from bot.ports.logs import Shipped as Shipped
from bot.ports.logs import Shipper as Shipper
from bot.ports.logs import Signature as Signature
from bot.ports.logs import Signatures as Signatures
from bot.ports.people import HOOK as HOOK
from bot.ports.people import Delivery as Delivery
from bot.ports.people import Directory as Directory
from bot.ports.people import Letter as Letter
from bot.ports.people import Mail as Mail
from bot.ports.people import Person as Person
from bot.ports.people import hook_actor as hook_actor
from bot.ports.registries import Pushed as Pushed
from bot.ports.registries import Registry as Registry
from bot.ports.watching import NOT_READ as NOT_READ
from bot.ports.watching import Seen as Seen
from bot.ports.watching import Tell as Tell
from bot.ports.watching import Topic as Topic
from bot.ports.watching import Watched as Watched
from bot.workloads import Autoscaler as Autoscaler
from bot.workloads import Place as Place
from bot.workloads import Pod as Pod
from bot.workloads import Revision as Revision
from bot.workloads import Room as Room
from bot.workloads import Workload as Workload
