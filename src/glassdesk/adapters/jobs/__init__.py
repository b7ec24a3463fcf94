"""The door-bell: threads of this process, or a queue that other processes listen to."""

from glassdesk.adapters.jobs.celery_app import celery_app
from glassdesk.adapters.jobs.celery_bell import CeleryBell
from glassdesk.adapters.jobs.celery_listener import CeleryListener
from glassdesk.adapters.jobs.inline import InlineJobs
from glassdesk.adapters.jobs.reaching import queue_problem

__all__ = ["CeleryBell", "CeleryListener", "InlineJobs", "celery_app", "queue_problem"]
