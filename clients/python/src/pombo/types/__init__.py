"""The types of requests, answers and events, with the API's own field names."""

from .account import *
from .batch_body import *
from .batch_recipients import *
from .batch_streams import *
from .batches import *
from .chats import *
from .content import *
from .event_data import *
from .events import *
from .instances import *
from .interactive import *
from .listeners import *
from .media import *
from .messages import *
from .pages import *
from .states import *
from .statistics import *
from .templates import *
from .timeline import *
from .webhooks import *
