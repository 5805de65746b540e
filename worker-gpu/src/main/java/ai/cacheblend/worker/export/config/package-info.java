/**
 * Reads {@code config.json} into the description that the graph is built from. {@link
 * ai.cacheblend.worker.export.config.Architectures} is the table of architectures; each one is a
 * class of its own.
 */
package ai.cacheblend.worker.export.config;
