/** Addresses under which Outlook on the web shows an item, in the form of each build. */
import { familyOf, itemClassOf, type View } from '../../../truth/item.ts';
import type { Call } from '../call.ts';
import { itemIdText } from '../ids.ts';
import { element } from '../text.ts';

/** WebClientReadFormQueryString. */
export function readForm(view: View, call: Call): string {
  const id = encodeURIComponent(itemIdText(call.mailbox, view.item.folder.counter, view.item.counter));
  const itemClass = itemClassOf(view);
  switch (call.profile.formQueryString) {
    case 'relative':
      return element('WebClientReadFormQueryString', `?ae=Item&t=${itemClass}&id=${id}&exvsurl=1`);
    case 'relativeViewModel':
      return element('WebClientReadFormQueryString', `?ItemID=${id}&exvsurl=1&viewmodel=${viewModel(view)}`);
    case 'absolute': {
      const host = call.server.hostName;
      const form =
        familyOf(itemClassOf(view)) === 'appointment' && view.occurrence === undefined
          ? `https://${host}/owa?itemid=${id}&exvsurl=1&path=/calendar/item`
          : `https://${host}/owa?ItemID=${id}&exvsurl=1&viewmodel=${viewModel(view)}`;
      return element('WebClientReadFormQueryString', form);
    }
  }
}

/** WebClientEditFormQueryString; empty where the build has none. */
export function editForm(view: View, call: Call): string {
  if (!call.profile.returnsEditFormQueryString) return '';
  const id = encodeURIComponent(itemIdText(call.mailbox, view.item.folder.counter, view.item.counter));
  return call.profile.formQueryString === 'relative'
    ? element('WebClientEditFormQueryString', `?ae=Item&a=Open&t=${itemClassOf(view)}&id=${id}&exvsurl=1`)
    : element('WebClientEditFormQueryString', `?ItemID=${id}&exvsurl=1&viewmodel=${editModel(view)}`);
}

/** Contacts are edited under a model without a name. */
function editModel(view: View): string {
  return familyOf(itemClassOf(view)) === 'contact' ? '' : viewModel(view);
}

function viewModel(view: View): string {
  switch (familyOf(itemClassOf(view))) {
    case 'contact':
    case 'list':
      return 'PersonaCardViewModelFactory';
    case 'task':
      return 'TaskReadingPaneViewModelPopOutFactory';
    case 'appointment':
      return view.occurrence === undefined ? 'CalendarItemDetailsViewModelFactory' : 'ReadMessageItem';
    case 'message':
      return 'ReadMessageItem';
  }
}
