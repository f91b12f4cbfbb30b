-- The lab's stand-in for the community module client_proxy: a component
-- whose stanzas go to one logged-in user and whose answers come back from
-- the component.  It keeps what matters of the real one: without a roster
-- entry that subscribes the component to the target's presence, or without
-- the target logged in, the answer is service-unavailable.
--
--   user@site -> focus.site            : to focus@auth/RES, from focus.site/user@site/RES
--   focus@auth/RES -> focus.site/JID   : to JID, from focus.site
module:depends("disco");

local jid = require "util.jid";
local st = require "util.stanza";
local rostermanager = require "core.rostermanager";

local target = assert(module:get_option_string("target_address"),
    "client_proxy needs target_address");
local target_user, target_host = jid.split(target);

-- The resource of the target that we may see: subscribed and logged in.
local function target_session()
	if not rostermanager.is_contact_subscribed(target_user, target_host,
	    module.host) then
		return nil;
	end
	local host = prosody.hosts[target_host];
	local user = host and host.sessions and host.sessions[target_user];
	for _, session in pairs(user and user.sessions or {}) do
		if session.presence then
			return session.full_jid;
		end
	end
	return nil;
end

local function to_target(stanza)
	local full = target_session();
	if not full then
		if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
			module:send(st.error_reply(stanza, "cancel",
			    "service-unavailable"));
		end
		return true;
	end
	local copy = st.clone(stanza);
	copy.attr.from = module.host .. "/" .. stanza.attr.from;
	copy.attr.to = full;
	module:send(copy);
	return true;
end

local function from_target(stanza)
	local _, _, resource = jid.split(stanza.attr.to);
	if not resource then
		return nil;
	end
	local copy = st.clone(stanza);
	copy.attr.from = module.host;
	copy.attr.to = resource;
	module:send(copy);
	return true;
end

local function handle(event)
	local stanza = event.stanza;
	if jid.bare(stanza.attr.from) == target then
		return from_target(stanza) or true;
	end
	return to_target(stanza);
end

for _, place in ipairs({ "host", "bare", "full" }) do
	module:hook("iq/" .. place, handle, 10);
	module:hook("message/" .. place, handle, 10);
end
