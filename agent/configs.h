/* SPDX-License-Identifier: ISC */
#ifndef MEETPROBE_AGENT_CONFIGS_H
#define MEETPROBE_AGENT_CONFIGS_H

struct conf;
struct config_set;
struct gather;

/* Adds the files that meetprobe.conf names. */
void configs_add_conf(struct config_set *, const struct conf *);
/* Calls back for every file that gather_configs reads besides those in this
 * host's usual places: kind and host, NULL where not said, and path. */
void configs_each(const struct gather *, void (*)(void *, const char *kind,
    const char *host, const char *path), void *);
/* Adds such a file; what is not known by its kind is so by content. Of a
 * folder all files, but those that skip answers 1 for (NULL: none). */
void configs_add_one(struct config_set *, const char *kind,
    const char *host, const char *path, int (*skip)(void *, const char *),
    void *arg);

#endif
