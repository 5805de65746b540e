/** The identity of a build, and the load of the host that it runs on. */
package ai.cacheblend.host;
