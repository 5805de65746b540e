/** Number formats of GGUF files. */
package ai.cacheblend.worker.export.gguf.blocks;
