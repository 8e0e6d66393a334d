#ifndef DESCENT_PROCESSORS_H
#define DESCENT_PROCESSORS_H

/// The processors in this process' affinity mask, or 0 where the system has none.
int descent_allowed_processors(void);

#endif
