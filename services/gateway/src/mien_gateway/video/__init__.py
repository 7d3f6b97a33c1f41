"""Videos as jobs: taken in, worked off frame by frame, their results kept for a while.

An uploaded video waits in the spool; its job stands in Redis, where every gateway sees it;
a worker takes it from a queue. The bytes of the video go as soon as the job has ended.
"""
