/** Tokenizers of other formats as {@code tokenizer.json}. */
package ai.cacheblend.worker.export.tokenizer;
