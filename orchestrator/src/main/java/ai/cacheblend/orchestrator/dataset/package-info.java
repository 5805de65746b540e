/**
 * Makes prompts and their right answers out of data files, and holds the text that timing prompts
 * are cut from.
 */
package ai.cacheblend.orchestrator.dataset;
