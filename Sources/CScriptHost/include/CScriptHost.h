// Linux calls that Swift's Glibc module does not show.
#ifndef BURSAR_CSCRIPTHOST_H
#define BURSAR_CSCRIPTHOST_H

// A pipe whose ends no other child inherits: made so in one call, for other threads may start programs at any time.
int bursar_pipe(int ends[_Nonnull 2]);

// A counter that is readable while it is not zero; does not block, is not inherited.
int bursar_event(void);

#endif
