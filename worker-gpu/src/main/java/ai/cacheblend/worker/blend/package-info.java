/** Decides which rows of a prompt are computed; owns nothing. */
package ai.cacheblend.worker.blend;
