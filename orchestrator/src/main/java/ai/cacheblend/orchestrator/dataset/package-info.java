/** Reads data files and makes prompts and references from them; holds the text of TTFT prompts. */
package ai.cacheblend.orchestrator.dataset;
