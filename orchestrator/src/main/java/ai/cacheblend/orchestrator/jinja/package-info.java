/**
 * Renders chat templates: the part of Jinja that they use, with the settings and functions of
 * {@code transformers}. A template has no access to anything but its variables.
 */
package ai.cacheblend.orchestrator.jinja;
