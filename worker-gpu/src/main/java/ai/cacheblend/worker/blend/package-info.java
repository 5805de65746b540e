/** Selection of the rows of a prompt that are computed. Owns no resources. */
package ai.cacheblend.worker.blend;
