/** Sentence embeddings for retrieval. */
package ai.cacheblend.encoder;
